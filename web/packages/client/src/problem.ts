// The three ways a request fails: refused by the server, not answered at all, or
// not allowed any more.

import type { Problem } from "@deskbell/protocol";

/** The server said no, and why. */
export class Refused extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.name = "Refused";
    this.problem = problem;
  }

  get code(): string {
    return this.problem.code;
  }

  get status(): number {
    return this.problem.status;
  }

  /** The same request may succeed in a moment. */
  get passing(): boolean {
    return this.status === 429 || this.status >= 500;
  }
}

/** No answer came. Whether the server did it is unknown. */
export class Unreachable extends Error {
  constructor(message = "The server cannot be reached.") {
    super(message);
    this.name = "Unreachable";
  }
}

/** The log-in session is over: only logging in again helps. */
export class LoggedOut extends Error {
  constructor() {
    super("The session has ended.");
    this.name = "LoggedOut";
  }
}

/** What to show a person, whatever was thrown. */
export function sentence(error: unknown): string {
  if (error instanceof Refused || error instanceof Unreachable || error instanceof LoggedOut) return error.message;
  return "Something went wrong. Try again.";
}
