// Logging in: tenant, e-mail, password.

import { type LogInWith, sentence } from "@deskbell/client";
import { type FormEvent, useState } from "react";
import { Button } from "../parts/Button.tsx";
import { Mark } from "../parts/Mark.tsx";

interface Props {
  /** The session was ended from elsewhere. */
  ended: boolean;
  /** Who logged in here last, to save typing. */
  tenant: string;
  onLogIn(who: LogInWith): Promise<void>;
}

const FIELD = "h-10 w-full rounded-control border border-control bg-surface px-3 text-heading";

export function LogIn({ ended, tenant, onLogIn }: Props) {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  const submit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    const field = (name: string) => String(fields.get(name) ?? "").trim();
    setBusy(true);
    setProblem(null);
    try {
      await onLogIn({ tenant: field("tenant"), email: field("email"), password: String(fields.get("password")) });
    } catch (error) {
      setProblem(sentence(error));
      setBusy(false);
    }
  };

  return (
    <main className="grid min-h-full place-items-center p-4">
      <form onSubmit={submit} className="grid w-full max-w-88 gap-4">
        <div className="grid gap-3">
          <Mark />
          <h1 className="text-title font-semibold">Log in to your desk</h1>
        </div>
        {ended && !problem && (
          <p role="status" className="rounded-control border border-note-line bg-note-tint px-3 py-2 text-note-text">
            Your session has ended. Log in again; what you wrote is kept.
          </p>
        )}
        {problem && (
          <p
            role="alert"
            className="rounded-control border border-danger-line bg-danger-tint px-3 py-2 text-danger-text"
          >
            {problem}
          </p>
        )}
        <label className="grid gap-1">
          <span className="font-medium">Tenant</span>
          <input
            name="tenant"
            defaultValue={tenant}
            required
            autoComplete="organization"
            autoCapitalize="none"
            className={FIELD}
          />
        </label>
        <label className="grid gap-1">
          <span className="font-medium">E-mail</span>
          <input name="email" type="email" required autoComplete="username" className={FIELD} />
        </label>
        <label className="grid gap-1">
          <span className="font-medium">Password</span>
          <input name="password" type="password" required autoComplete="current-password" className={FIELD} />
        </label>
        <Button type="submit" kind="filled" disabled={busy} className="h-10 justify-center text-heading">
          Log in
        </Button>
      </form>
    </main>
  );
}
