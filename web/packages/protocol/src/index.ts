// The contract with the server, as types only: entities and answers (wire.ts),
// events (event.ts), socket frames and commands (frames.ts). No code, no state.
// Start at frames.ts.

export type * from "./event.ts";
export type * from "./frames.ts";
export type * from "./wire.ts";
