// The review of a converted file by keyboard: cells are read until Enter opens one; every decision stays a form's field.
import { announce } from "./announce.js";

const TYPED = new Set(["INPUT", "SELECT", "TEXTAREA"]);

export function enableReview() {
  const form = document.querySelector("[data-review]");
  if (form) enableForm(form);
  for (const part of document.querySelectorAll("[data-questions]")) enableQuestions(part);
}

function enableForm(form) {
  const cells = [...form.querySelectorAll("[data-value]")];
  const learn = form.querySelector("[data-learn]");
  const pending = form.querySelectorAll("[data-pending]").length;
  let entered = "";

  const part = (cell, name) => cell.parentElement.querySelector(`[data-${name}]`);
  const isDecided = (cell) => part(cell, "ok").checked || cell.value !== part(cell, "was").value;
  const choiceOf = (cell) => cell.closest("tr").nextElementSibling?.querySelector("[data-choice]");

  const tally = () => {
    for (const cell of cells) {
      cell.classList.toggle("changed", cell.value !== part(cell, "was").value);
      cell.closest("td").classList.toggle("decided", isDecided(cell));
    }
    for (const choice of form.querySelectorAll("[data-choice]")) {
      choice.closest(".choice").classList.toggle("decided", choice.value !== "");
      choice.closest("tr")?.previousElementSibling.classList.toggle("gone", choice.value === "drop");
    }
    const chosen = [...form.querySelectorAll("[data-choice]")].filter((choice) => choice.value);
    const count = pending + cells.filter(isDecided).length + chosen.length;
    const words = `${count} decision${count === 1 ? "" : "s"}`;
    const shown = form.querySelector("[data-tally]");
    if (shown) shown.textContent = words;
    return words;
  };

  // One cell at a time is in the order of the Tab key: arrows lead to the others.
  const settle = (current) => {
    for (const cell of cells) {
      const here = cell === current;
      cell.tabIndex = here ? 0 : -1;
      part(cell, "ok").tabIndex = here ? 0 : -1;
    }
  };
  const go = (cell) => {
    if (!cell) return;
    settle(cell);
    cell.focus();
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  const open = (cell) => {
    if (!cell.readOnly) return;
    entered = cell.value;
    cell.readOnly = false;
    cell.select();
  };
  const close = (cell, value = cell.value) => {
    cell.value = value;
    cell.readOnly = true;
    announce(tally());
  };

  const rows = [...new Set(cells.map((cell) => cell.closest("tr")))];
  const step = (cell, key) => {
    const place = cells.indexOf(cell);
    if (key === "ArrowRight") return cells[place + 1];
    if (key === "ArrowLeft") return cells[place - 1];
    const row = rows[rows.indexOf(cell.closest("tr")) + (key === "ArrowDown" ? 1 : -1)];
    if (!row) return null;
    const column = cell.closest("td").cellIndex;
    const distance = (other) => Math.abs(other.closest("td").cellIndex - column);
    return cells.filter((other) => other.closest("tr") === row).sort((a, b) => distance(a) - distance(b))[0];
  };

  const actions = {
    Enter: open,
    Home: () => go(cells[0]),
    End: () => go(cells[cells.length - 1]),
    Escape: (cell) => {
      part(cell, "ok").checked = false;
      close(cell, part(cell, "was").value);
    },
    a: (cell) => {
      part(cell, "ok").checked = !part(cell, "ok").checked;
      announce(`${part(cell, "ok").checked ? "Accepted" : "Not accepted"}. ${tally()}`);
    },
    d: (cell) => {
      const choice = choiceOf(cell);
      if (!choice) return;
      choice.value = choice.value === "drop" ? "" : "drop";
      announce(`${choice.value ? "The row is to be left out" : "The row stays as it is"}. ${tally()}`);
    },
    e: (cell) => cell.closest("tr").querySelector("[data-open]")?.click(),
    r: () => learn?.click(),
  };

  for (const cell of cells) {
    cell.readOnly = true;
    cell.addEventListener("focus", () => settle(cell));
    cell.addEventListener("click", () => open(cell));
    cell.addEventListener("blur", () => cell.readOnly || close(cell));
    cell.addEventListener("input", tally);
    cell.addEventListener("keydown", (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
      const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
      if (!cell.readOnly) {
        if (key === "Escape") close(cell, entered);
        else if (key === "Enter") close(cell);
        else return;
      } else if (key.startsWith("Arrow")) go(step(cell, key));
      else if (actions[key]) actions[key](cell);
      else return;
      event.preventDefault();
    });
  }
  // Rows whose cells cannot be written yet have a button that opens them: arrows lead from one to the next.
  const openers = [...form.querySelectorAll("[data-open]")];
  for (const [place, opener] of openers.entries()) {
    opener.addEventListener("keydown", (event) => {
      const next = openers[place + ({ ArrowDown: 1, ArrowUp: -1 }[event.key] ?? NaN)];
      if (!next) return;
      event.preventDefault();
      next.focus();
      next.scrollIntoView({ block: "nearest" });
    });
  }
  form.addEventListener("change", () => announce(tally()));
  form.addEventListener("submit", () => {
    for (const cell of cells) cell.readOnly = true;
    if (learn && document.activeElement === learn) learn.textContent = learn.dataset.busy;
  });
  tally();
  // After an error the page leads to the first field that has one; a row that was opened, to its first cell.
  const wrong = form.querySelector("[aria-invalid]");
  const opened = form.querySelector("[data-opened]")?.closest("tr").previousElementSibling.querySelector("[data-value]");
  settle(cells[0]);
  if (wrong && !cells.includes(wrong)) wrong.focus();
  else go(wrong ?? opened);
}

// Arrows lead from answer to answer, digits give the answer of the question that has the focus.
function enableQuestions(part) {
  const answers = [...part.querySelectorAll(".answer")];
  // Where the last answer was learned from, the next question has the focus.
  if (window.location.hash === `#${part.id}`) answers[0]?.focus();
  part.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || TYPED.has(event.target.nodeName)) return;
    const place = answers.indexOf(event.target);
    const ways = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
    if (event.key in ways && place >= 0) answers[place + ways[event.key]]?.focus();
    else if (/^[1-9]$/.test(event.key)) event.target.closest("form")?.querySelectorAll(".answer")[event.key - 1]?.click();
    else return;
    event.preventDefault();
  });
}
