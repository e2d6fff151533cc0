// Elements of the page. Data comes into it as text only, never as HTML.

export const byId = (id) => document.getElementById(id);

// element makes an element with a text or with children.
export const element = (name, content = "", attributes = {}) => {
  const made = document.createElement(name);
  made.append(...(Array.isArray(content) ? content : [content ?? ""]));
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
};

// link is a link to an address of http or https, and plain text of anything else.
export const link = (address) => {
  if (!address) return element("span", "–");
  let url;
  try { url = new URL(address); } catch { return element("span", address); }
  if (url.protocol !== "https:" && url.protocol !== "http:") return element("span", address);
  return element("a", address, { href: url.href, rel: "noreferrer noopener", target: "_blank" });
};

export const time = (text) => text ? element("time", new Date(text).toLocaleString(), { datetime: text }) : element("span", "–");
