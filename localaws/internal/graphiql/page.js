// The page of one API: the field for the key, and GraphiQL.

const { api, path, script } = document.body.dataset;
const { show } = await import(script);
const slot = `localaws.apiKey.${api}`;
const input = document.getElementById("key");
input.value = new URLSearchParams(location.search).get("apiKey") || sessionStorage.getItem(slot) || "";
sessionStorage.setItem(slot, input.value);

const url = location.origin + path;
const page = show(document.getElementById("graphiql"), {
  url, realtimeUrl: url.replace(/^http/, "ws"), headers: () => input.value ? { "x-api-key": input.value } : {},
});
let timer;
input.addEventListener("input", () => {
  sessionStorage.setItem(slot, input.value);
  clearTimeout(timer);
  timer = setTimeout(page.draw, 300);
});
