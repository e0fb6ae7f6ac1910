"use strict";

// Keeps a page current: its live part is fetched again, as the server renders it, when something happened.
(() => {
  const live = () => document.querySelector("[data-live]");
  if (!live()) return;
  let busy = false;
  let again = false;

  async function refresh() {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      const answer = await fetch(window.location.href, { credentials: "same-origin" });
      if (answer.redirected) {
        window.location.assign(answer.url);
        return;
      }
      if (answer.ok) {
        const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-live]");
        if (fresh && fresh.innerHTML !== live().innerHTML) live().replaceWith(document.importNode(fresh, true));
      }
    } catch {
      // The server is away for a moment: the next turn tries again.
    } finally {
      busy = false;
      if (again) {
        again = false;
        window.setTimeout(refresh, 300);
      }
    }
  }

  const events = live().dataset.events;
  if (events) {
    const source = new EventSource(events);
    const onEvent = (event) => {
      refresh();
      if (JSON.parse(event.data).terminal) source.close();
    };
    source.addEventListener("status", onEvent);
    source.addEventListener("section", onEvent);
    source.addEventListener("problem", () => source.close());
  }
  const every = Number(live().dataset.every);
  if (every) window.setInterval(() => document.hidden || refresh(), every);
})();
