/// Elements from plain values. Text from elsewhere goes in as text nodes or properties only, never as markup.

const svgNamespace = "http://www.w3.org/2000/svg";

export const byId = (id) => document.getElementById(id);

/** `element("p", {className: "muted", dataset: {x: 1}}, "text", child)`: properties, not attributes. */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  const { dataset, ...others } = properties;
  Object.assign(made, others);
  if (dataset) Object.assign(made.dataset, dataset);
  made.append(...children);
  return made;
}

/** The same for SVG, with attributes. */
export function shape(name, attributes = {}, ...children) {
  const made = document.createElementNS(svgNamespace, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** Sets the text only where it differs, so that screen readers and the layout have no work for nothing. */
export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** A line drawing of 24 x 24, from the path of our own. */
export function icon(path) {
  return shape("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, shape("path", { d: path }));
}
