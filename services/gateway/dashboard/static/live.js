// Keeps parts of a page current: they are fetched again, as the server renders them, when something happened.
import { announce } from "./announce.js";
import { morph } from "./morph.js";
import { showLocally } from "./locally.js";

const PAUSE_MS = 250;

export function keepCurrent() {
  for (const part of document.querySelectorAll("[data-live]")) follow(part);
}

function follow(part) {
  const name = part.dataset.live;
  const refresh = onceAtATime(() => refetch(name));
  if (part.dataset.events) listen(part, refresh);
  const every = Number(part.dataset.every);
  if (every) window.setInterval(() => document.hidden || refresh(), every);
}

function listen(part, refresh) {
  const source = new EventSource(part.dataset.events);
  const then = part.dataset.then;
  const take = (event) => {
    const { status, message, terminal } = JSON.parse(event.data);
    announce(message || status.replaceAll("_", " "));
    if (terminal) source.close();
    // The rest of the page depends on the end, too.
    if (terminal && then === "reload") window.location.reload();
    else refresh();
  };
  source.addEventListener("status", take);
  source.addEventListener("section", take);
  source.addEventListener("problem", () => source.close());
  window.addEventListener("pagehide", () => source.close());
}

async function refetch(name) {
  const answer = await fetch(window.location.href, { credentials: "same-origin" });
  if (answer.redirected) {
    window.location.assign(answer.url);
    return;
  }
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  showLocally(page);
  const wanted = page.querySelector(`[data-live="${name}"]`);
  const standing = document.querySelector(`[data-live="${name}"]`);
  if (wanted && standing) morph(standing, document.importNode(wanted, true));
}

// However often it is asked for: one at a time, and one more at the end.
function onceAtATime(work) {
  let busy = false;
  let again = false;
  const run = async () => {
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    again = false;
    try {
      await work();
    } catch {
      // The server is away for a moment: the next turn tries again.
    }
    window.setTimeout(() => {
      busy = false;
      if (again) run();
    }, PAUSE_MS);
  };
  return run;
}
