"use strict";

// Light or dark, as the reader has it everywhere else.
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();

// What Swagger UI leaves out for who does not see the page: levels of headings without gaps, names of regions that are
// alike, and a way into scrolling examples without a mouse.
const LEVELS = [["h3.opblock-tag", "2"], [".models > h4", "2"], [".opblock-body h4", "3"], [".opblock-body h5", "4"]];
const mend = () => {
  for (const [headings, level] of LEVELS)
    for (const heading of document.querySelectorAll(`${headings}:not([aria-level])`)) heading.setAttribute("aria-level", level);
  for (const table of document.querySelectorAll("table.responses-table[role=region]:not([aria-label])"))
    table.setAttribute("aria-label", table.id.replaceAll("_", " ").trim());
  for (const example of document.querySelectorAll("pre.microlight:not([tabindex])")) example.tabIndex = 0;
};

// Starts Swagger UI on the suite's own description. The key typed into it stays in this page.
window.addEventListener("load", () => {
  new MutationObserver(mend).observe(document.getElementById("swagger-ui"), { childList: true, subtree: true });
  window.SwaggerUIBundle({
    url: "/openapi.json",
    dom_id: "#swagger-ui",
    // Else each operation's button has a link inside of it, which no screen reader can tell apart.
    deepLinking: false,
    displayRequestDuration: true,
    persistAuthorization: false,
    validatorUrl: null,
  });
});
