// What the pages do beyond HTML. Every part works on what the server rendered; none makes HTML of its own.
import { showLocally } from "./locally.js";
import { followFeed } from "./feed.js";
import { keepCurrent } from "./live.js";
import { enableReview } from "./review.js";
import { placeSources } from "./sources.js";
import { enableTrials } from "./trial.js";

showLocally(document);
followFeed();
keepCurrent();
placeSources();
enableTrials();
enableReview();

// A filter applies as soon as it is chosen.
for (const form of document.querySelectorAll("[data-filters]")) {
  for (const choice of form.querySelectorAll("select")) choice.addEventListener("change", () => form.requestSubmit());
}
