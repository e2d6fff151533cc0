// GraphiQL as a page of ours uses it: show draws it into an element.

import { createElement } from "react";
import { createRoot } from "react-dom/client";
import { GraphiQL } from "graphiql";
import { getOperationAST, parse } from "graphql";
import { subscribe } from "./realtime.js";
import "@graphiql/react/dist/style.css";
import "../node_modules/graphiql/src/style.css";
import "./graphiql.css";

// subscribes says whether a request is a subscription. GraphiQL knows it as well, but a moment
// after the text was changed. What is no GraphQL at all is for the API to refuse.
const subscribes = ({ query, operationName }) => {
  try {
    return getOperationAST(parse(query), operationName)?.operation === "subscription";
  } catch {
    return false;
  }
};

const post = async (url, headers, request) => {
  const response = await fetch(url, {
    method: "POST", headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(request),
  });
  return response.json();
};

// show draws GraphiQL for the API at url, with subscriptions at realtimeUrl. headers gives the
// headers that let a request in, when it is sent. What is written is kept in storage, what
// gives access never. It gives a function that draws all anew, with another schema
// perhaps, and one that takes it away.
export const show = (element, { url, realtimeUrl, headers, storage, defaultQuery }) => {
  let root;
  const fetcher = (request, options) => {
    const given = { ...headers(), ...options?.headers };
    return subscribes(request) ? subscribe(url, realtimeUrl, given, request) : post(url, given, request);
  };
  const remove = () => { root?.unmount(); root = undefined; };
  const draw = () => {
    remove();
    root = createRoot(element);
    root.render(createElement(GraphiQL, {
      fetcher, storage, defaultQuery, defaultEditorToolsVisibility: true, shouldPersistHeaders: false,
    }));
  };
  draw();
  return { draw, remove };
};
