// subscribe starts a subscription over AppSync's WebSocket protocol, with a connection of its
// own. The answer is an observable, as GraphiQL takes it from a fetcher.
// https://docs.aws.amazon.com/appsync/latest/devguide/real-time-websocket-client.html
export const subscribe = (url, realtimeUrl, headers, request) => {
  const { "content-type": _, ...access } = headers;
  const authorization = { host: new URL(url).host, ...access };
  const address = `${realtimeUrl}?payload=e30%3D&header=${encodeURIComponent(btoa(JSON.stringify(authorization)))}`;
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
};
