import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net';
import { pipeline, Transform } from 'node:stream';

/** A way to one server that can be cut, refused and slowed down. */
export interface UnsteadyLine {
  readonly port: number;
  cut(): void;
  /** Takes no connection until it is told otherwise. */
  refuse(yes: boolean): void;
  /** Every piece of data comes so much later; 0: at once. */
  delay(ms: number): void;
  close(): Promise<void>;
}

/** @param serverPort of the server on the loopback address */
export async function openLine(serverPort: number): Promise<UnsteadyLine> {
  const open = new Set<Socket>();
  let refusing = false;
  let delayMs = 0;

  const late = () =>
    new Transform({
      transform: (piece, _encoding, pass) => {
        if (delayMs === 0) pass(null, piece);
        else setTimeout(pass, delayMs, null, piece);
      },
    });
  const server = createServer({ allowHalfOpen: true }, (near) => {
    if (refusing) return void near.destroy();
    const far = createConnection({ port: serverPort, host: '127.0.0.1', allowHalfOpen: true });
    const broken = (error: Error | null | undefined): void => {
      if (!error) return;
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) {
      open.add(socket);
      socket.once('close', () => open.delete(socket));
    }
    pipeline(near, late(), far, broken);
    pipeline(far, late(), near, broken);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = (): void => {
    for (const socket of [...open]) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    refuse: (yes) => {
      refusing = yes;
      if (yes) cut();
    },
    delay: (ms) => {
      delayMs = ms;
    },
    close: async () => {
      refusing = true;
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
