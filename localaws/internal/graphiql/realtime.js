// The header for an API key, or for a user's token.
function credentialHeaders(credential) {
  if (!credential) return {};
  return credential.startsWith("da2-") ? { "x-api-key": credential } : { authorization: credential };
}

// Starts a subscription over AppSync's WebSocket protocol, with a connection of its own. The
// answer is an observable, as GraphiQL takes it from a fetcher.
function subscribe(path, headers, request) {
  const authorization = { host: location.host, ...headers };
  const address = location.origin.replace(/^http/, "ws") + path +
    "?payload=e30%3D&header=" + encodeURIComponent(btoa(JSON.stringify(authorization)));
  return {
    subscribe(observer) {
      const socket = new WebSocket(address, "graphql-ws");
      let over = false;
      const end = (tell) => {
        if (over) return;
        over = true;
        socket.close();
        tell();
      };
      const send = (message) => socket.send(JSON.stringify(message));
      socket.onopen = () => send({ type: "connection_init" });
      socket.onclose = () => end(() => observer.error(new Error("the connection was closed")));
      socket.onmessage = ({ data }) => {
        const { type, payload } = JSON.parse(data);
        if (over) return;
        if (type === "connection_ack") send({ id: "1", type: "start", payload: { data: JSON.stringify(request), extensions: { authorization } } });
        else if (type === "data") observer.next(payload);
        else if (type === "complete") end(() => observer.complete());
        else if (type === "error" || type === "connection_error") end(() => observer.error(payload));
      };
      return { unsubscribe: () => end(() => {}) };
    },
  };
}
