import { type ReadResourceResult, ResourceNotFoundError, type Server } from "@modelcontextprotocol/server";
import { png } from "./samples.ts";

type Contents = ReadResourceResult["contents"][number];

const fixed: Readonly<Record<string, Contents>> = {
  "test://static-text": {
    uri: "test://static-text",
    mimeType: "text/plain",
    text: "This is the content of the static text resource.",
  },
  "test://static-binary": { uri: "test://static-binary", mimeType: "image/png", blob: png },
  "test://watched-resource": { uri: "test://watched-resource", mimeType: "text/plain", text: "Watched" },
};

export function installResources(server: Server): void {
  server.setRequestHandler("resources/list", () => ({
    resources: Object.entries(fixed).map(([uri, { mimeType = "text/plain" }]) => ({
      uri,
      name: uri,
      description: "A fixture of the MCP conformance suite",
      mimeType,
    })),
  }));
  server.setRequestHandler("resources/templates/list", () => ({
    resourceTemplates: [{ uriTemplate: "test://template/{id}/data", name: "template", mimeType: "application/json" }],
  }));
  server.setRequestHandler("resources/read", (request) => {
    const { uri } = request.params;
    const contents = Object.hasOwn(fixed, uri) ? fixed[uri] : fromTemplate(uri);
    if (contents === undefined) throw new ResourceNotFoundError(uri);
    return { contents: [contents] };
  });
  server.setRequestHandler("resources/subscribe", () => ({}));
  server.setRequestHandler("resources/unsubscribe", () => ({}));
}

function fromTemplate(uri: string): Contents | undefined {
  const id = /^test:\/\/template\/([^/]+)\/data$/.exec(uri)?.[1];
  if (id === undefined) return undefined;
  const text = JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` });
  return { uri, mimeType: "application/json", text };
}
