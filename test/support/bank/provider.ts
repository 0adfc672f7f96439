import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import type { Rng } from "../../../src/core/clock.ts";

/** A provider that charges for what it is asked, keeps its own book, and sometimes fails or goes silent after charging. */
export interface BankProvider {
  readonly url: string;
  /** What was charged, by the id of the call. */
  readonly book: ReadonlyMap<string, Charge>;
  close(): Promise<void>;
}

export interface Charge {
  /** Whose request it was: the client's id, the same for every try. */
  readonly request: string;
  readonly amount: bigint;
}

/** What a server asks of it. `worst` is the most that the call may cost. */
export interface BankCall {
  readonly call: string;
  readonly request: string;
  readonly worst: string;
}

export async function startBankProvider(rng: Rng): Promise<BankProvider> {
  const book = new Map<string, Charge>();
  const server: Server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "/", "http://localhost");
    if (request.method === "GET") {
      const charge = book.get(url.searchParams.get("call") ?? "");
      response.writeHead(charge ? 200 : 404).end(charge?.amount.toString());
      return;
    }
    let body = "";
    for await (const chunk of request) body += chunk;
    const { call, request: id, worst } = JSON.parse(body) as BankCall;
    if (rng.fraction() < 0.1) {
      response.writeHead(500).end();
      return;
    }
    const amount = (BigInt(worst) * BigInt(Math.ceil(rng.fraction() * 1000))) / 1000n;
    book.set(call, { request: id, amount });
    if (rng.fraction() < 0.05) {
      response.destroy();
      return;
    }
    // Some calls take as long as a few commits, some much longer.
    setTimeout(() => response.end(amount.toString()), rng.fraction() < 0.1 ? 200 : 10 * rng.fraction());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    book,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}
