import type { Gateway } from "../gateway.ts";

/** The gateway of one server: opened by the first call that needs it, shared by all, closed with the server. */
export interface GatewayHandle {
  open(): Promise<Gateway>;
  /** Calls back once the gateway is open. */
  onOpen(listener: (gateway: Gateway) => void): void;
  /** Closes the gateway, if anything has opened it. */
  close(): Promise<void>;
}

export function gatewayHandle(openGateway: () => Promise<Gateway>): GatewayHandle {
  const listeners: ((gateway: Gateway) => void)[] = [];
  let gateway: Promise<Gateway> | undefined;
  return {
    open() {
      if (gateway === undefined) {
        const opening = openGateway().then((opened) => {
          for (const listener of listeners) listener(opened);
          return opened;
        });
        gateway = opening;
        // What could not be opened is tried again by the next call: the disk may have space by then.
        opening.catch(() => {
          if (gateway === opening) gateway = undefined;
        });
      }
      return gateway;
    },
    onOpen(listener) {
      listeners.push(listener);
    },
    async close() {
      await (await gateway?.catch(() => undefined))?.close();
    },
  };
}
