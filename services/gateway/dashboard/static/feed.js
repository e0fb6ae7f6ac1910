// The list of tasks and jobs: rows change and appear as the server tells.
import { announce } from "./announce.js";
import { morph, parse } from "./morph.js";

const MOST_ROWS = 200;

export function followFeed() {
  const table = document.querySelector("[data-feed]");
  if (!table) return;
  const body = table.tBodies[0];
  let source = null;

  const find = (key) => [...body.rows].find((row) => row.dataset.key === key);
  const take = (event) => {
    const { key, title, html } = JSON.parse(event.data);
    const wanted = parse(html).querySelector("tr");
    const standing = find(key);
    if (standing) {
      morph(standing, wanted);
      return;
    }
    body.querySelector("[data-empty]")?.remove();
    if (event.type === "new") {
      wanted.classList.add("fresh");
      announce(`New: ${title}`);
    }
    body.prepend(wanted);
    while (body.rows.length > MOST_ROWS) body.rows[body.rows.length - 1].remove();
  };
  const takeQueues = (event) => {
    const standing = document.querySelector("[data-queues]");
    const wanted = parse(JSON.parse(event.data).html).querySelector("[data-queues]");
    if (standing && wanted) morph(standing, wanted);
  };
  const open = () => {
    source = new EventSource(table.dataset.feed);
    source.addEventListener("row", take);
    source.addEventListener("new", take);
    source.addEventListener("queues", takeQueues);
  };
  // A page that nobody looks at costs nothing.
  const follow = () => {
    source?.close();
    source = null;
    if (!document.hidden) open();
  };
  document.addEventListener("visibilitychange", follow);
  window.addEventListener("pagehide", () => source?.close());
  window.addEventListener("pageshow", (event) => event.persisted && follow());
  follow();
}
