// Times in the reader's own zone and numbers as the reader writes them; without scripts they stay as the server wrote them.
const format = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
const precise = new Intl.DateTimeFormat(undefined, { timeStyle: "medium" });

export function showLocally(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const moment = new Date(time.dateTime);
    if (Number.isNaN(moment.getTime())) continue;
    time.title = time.dateTime;
    time.textContent = (time.closest(".history") ? precise : format).format(moment);
  }
  for (const number of root.querySelectorAll("data.number")) {
    const least = Number(number.dataset.least ?? 0);
    const most = Number(number.dataset.most ?? 0);
    const own = new Intl.NumberFormat(undefined, { minimumFractionDigits: least, maximumFractionDigits: most });
    // As text, so that no digit is lost in between.
    number.textContent = (number.dataset.before ?? "") + own.format(number.value) + (number.dataset.after ?? "");
  }
}
