// Files that are dropped or chosen, sent, and made into a job.
import { announce } from "./announce.js";

const SIZES = ["bytes", "KB", "MB", "GB"];

export function enableTrials() {
  for (const area of document.querySelectorAll("[data-drop]")) enableDrop(area);
  for (const form of document.querySelectorAll("[data-trial]")) enableForm(form);
}

function enableDrop(area) {
  const input = area.querySelector("input[type=file]");
  const chosen = area.querySelector("[data-chosen]");
  const hint = chosen.textContent;
  const lift = (event) => {
    event.preventDefault();
    area.classList.add("over");
  };
  area.addEventListener("dragenter", lift);
  area.addEventListener("dragover", lift);
  area.addEventListener("dragleave", (event) => area.contains(event.relatedTarget) || area.classList.remove("over"));
  area.addEventListener("drop", (event) => {
    event.preventDefault();
    area.classList.remove("over");
    const file = event.dataTransfer.files[0];
    if (file) choose(input, file);
  });
  const show = () => {
    const file = input.files[0];
    area.classList.toggle("full", Boolean(file));
    chosen.textContent = file ? `${file.name}, ${describeSize(file.size)}` : hint;
    if (file) announce(`${file.name} chosen`);
    if (file && area.dataset.into) fill(area, file).catch((error) => complain(area.closest("form"), error));
  };
  input.addEventListener("change", show);
  // Browsers keep a form's files when they come back to its page.
  show();
}

// A file that is not UTF-8 is refused: its letters would be replaced without a word.
async function fill(area, file) {
  const field = area.closest("form").elements[area.dataset.into];
  const bytes = await file.arrayBuffer();
  try {
    field.value = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    area.closest("form").querySelector("[data-problem]").hidden = true;
  } catch {
    field.value = "";
    throw new Error(`${file.name} is not text in UTF-8: save it so, or convert it first.`);
  }
}

function enableForm(form) {
  for (const button of form.querySelectorAll("[data-samples]")) {
    button.addEventListener("click", () => chooseSamples(form, button).catch((error) => complain(form, error)));
  }
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form).catch((error) => complain(form, error));
  });
}

async function chooseSamples(form, button) {
  for (const pair of button.dataset.samples.split(" ")) {
    const [name, asset] = pair.split("=");
    const answer = await fetch(`/dashboard/assets/${asset}`);
    if (!answer.ok) throw new Error(`${asset} could not be read`);
    choose(form.elements[name], new File([await answer.blob()], asset, { type: "text/csv" }));
  }
}

async function send(form) {
  const button = form.querySelector("button:not([type=button])");
  const words = button.textContent;
  form.querySelector("[data-problem]").hidden = true;
  button.disabled = true;
  button.textContent = button.dataset.busy;
  announce(button.dataset.busy);
  try {
    const fields = new URLSearchParams();
    for (const element of form.elements) {
      if (element.name && element.type !== "file") fields.set(element.name, element.value);
    }
    for (const input of form.querySelectorAll("input[type=file][name]")) fields.set(input.name, await upload(form, input.files[0]));
    const titled = form.querySelector("[data-title-of]");
    if (titled && !titled.value.trim()) fields.set("title", form.elements[titled.dataset.titleOf].files[0].name);
    const answer = await fetch(form.action, { method: "POST", body: fields, headers: { accept: "application/json" } });
    window.location.assign((await read(answer)).location);
  } finally {
    button.disabled = false;
    button.textContent = words;
  }
}

async function upload(form, file) {
  const address = new URL(form.dataset.upload, window.location.href);
  const user = form.querySelector("[data-user]")?.value.trim();
  if (user) address.searchParams.set("user_id", user);
  address.searchParams.set("file_name", file.name.slice(0, 200));
  const headers = {
    accept: "application/json",
    "content-type": "application/octet-stream",
    "x-csrf-token": form.elements.csrf_token.value,
  };
  return (await post(address, file, headers, (share) => tellProgress(form, share))).uri;
}

// Not fetch, which tells nothing of how far a body has got.
function post(address, body, headers, onProgress) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open("POST", address);
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.responseType = "json";
    request.upload.addEventListener("progress", (event) => event.lengthComputable && onProgress(event.loaded / event.total));
    request.addEventListener("error", () => reject(new Error("The suite could not be reached.")));
    request.addEventListener("load", () => {
      const problem = request.response ?? {};
      if (request.status < 300) resolve(request.response);
      else reject(new Error(problem.message || problem.title || `The file was refused (${request.status}).`));
    });
    request.send(body);
  });
}

function tellProgress(form, share) {
  const button = form.querySelector("button:not([type=button])");
  if (share < 1) button.textContent = `${button.dataset.busy} ${Math.floor(share * 100)} %`;
}

async function read(answer) {
  const document = await answer.json();
  if (!answer.ok) throw new Error(document.message || document.title);
  return document;
}

function complain(form, error) {
  const problem = form.querySelector("[data-problem]");
  problem.textContent = error.message;
  problem.hidden = false;
}

function choose(input, file) {
  const files = new DataTransfer();
  files.items.add(file);
  input.files = files.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function describeSize(size) {
  let amount = size;
  let unit = 0;
  for (; amount >= 1000 && unit < SIZES.length - 1; unit += 1) amount /= 1000;
  return `${amount.toFixed(unit ? 1 : 0)} ${SIZES[unit]}`;
}
