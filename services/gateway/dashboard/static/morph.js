// Makes one element like another with as few changes as can be: focus, open details and scrolled boxes stay.
import { showLocally } from "./locally.js";

export function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  showLocally(template.content);
  return template.content;
}

export function morph(current, wanted) {
  if (current.nodeType !== wanted.nodeType || current.nodeName !== wanted.nodeName) {
    current.replaceWith(wanted);
    return;
  }
  if (current.nodeType !== Node.ELEMENT_NODE) {
    if (current.nodeValue !== wanted.nodeValue) current.nodeValue = wanted.nodeValue;
    return;
  }
  if (current.isEqualNode(wanted)) return;
  copyAttributes(current, wanted);
  const children = [...wanted.childNodes];
  children.forEach((child, position) => {
    const standing = current.childNodes[position];
    if (standing) morph(standing, child);
    else current.append(child);
  });
  while (current.childNodes.length > children.length) current.lastChild.remove();
}

function copyAttributes(current, wanted) {
  // What the reader opened stays open.
  const kept = current.nodeName === "DETAILS" ? ["open"] : [];
  for (const { name } of [...current.attributes]) {
    if (!wanted.hasAttribute(name) && !kept.includes(name)) current.removeAttribute(name);
  }
  for (const { name, value } of wanted.attributes) {
    if (current.getAttribute(name) !== value && !kept.includes(name)) current.setAttribute(name, value);
  }
}
