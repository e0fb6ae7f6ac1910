// Where a number comes from: shown on hover and focus by CSS, kept inside of the window and dismissed by Escape here.
const MARGIN = 8;

export function placeSources() {
  const place = (event) => {
    const figure = event.target.closest?.(".figure");
    if (!figure) return;
    figure.classList.remove("dismissed");
    const source = figure.querySelector(".source");
    source.style.translate = "0";
    const box = source.getBoundingClientRect();
    const overflow = box.right + MARGIN - document.documentElement.clientWidth;
    if (overflow > 0) source.style.translate = `${-Math.min(overflow, box.left - MARGIN)}px`;
  };
  document.addEventListener("pointerover", place);
  document.addEventListener("focusin", place);
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const figure of document.querySelectorAll(".figure:hover, .figure:focus-within")) figure.classList.add("dismissed");
  });
  // A number leads to its figure, which stands in a closed table.
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.(".figure a");
    const row = link && document.getElementById(link.hash.slice(1));
    if (row) row.closest("details").open = true;
  });
}
