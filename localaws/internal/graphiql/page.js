// The page of one API: the field for the key or token, and GraphiQL.

const { api, path, script } = document.body.dataset;
const { show } = await import(script);
const slot = `localaws.apiKey.${api}`;
const input = document.getElementById("key");
input.value = new URLSearchParams(location.search).get("apiKey") || sessionStorage.getItem(slot) || "";
sessionStorage.setItem(slot, input.value);

// credential is the header for an API key, or for a user's token.
function credential(value) {
  if (!value) return {};
  return value.startsWith("da2-") ? { "x-api-key": value } : { authorization: value };
}

const url = location.origin + path;
const page = show(document.getElementById("graphiql"), {
  url, realtimeUrl: url.replace(/^http/, "ws"), headers: () => credential(input.value),
});
let timer;
input.addEventListener("input", () => {
  sessionStorage.setItem(slot, input.value);
  clearTimeout(timer);
  timer = setTimeout(page.draw, 300);
});
