// Where a host touches the outside and somebody may stand in between: a test that plays a fault at the nth call. Types only.
import type { Layer } from '../http/exchange.ts';
import type { PackRegistry } from '../pack/index.ts';
import type { RunOptions } from '../pipeline/run-pipeline.ts';
import type { Store } from '../store/contract.ts';

/** Without them the host does it all itself. */
export interface HostSeams {
  /** Opens the store of a URL. */
  readonly openStore?: (url: string) => Promise<Store>;
  /** Stands around each request of API and tokens, next to the wire. */
  readonly onWire?: Layer;
  /** Packs that are loaded already; they are data and can be shared. */
  readonly registry?: PackRegistry;
  /** Bounds of views, and when checkpoints begin. */
  readonly limits?: RunOptions['limits'];
}
