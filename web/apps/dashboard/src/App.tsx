// Log-in or workplace, whichever this browser's session calls for.

import { AgentSession, browserShelf, Desk, type LogInWith, rest } from "@deskbell/client";
import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { DeskContext } from "./desk/useDesk.ts";
import { LogIn } from "./login/LogIn.tsx";

// Logging in does not wait for what comes after it.
const Workplace = lazy(() => import("./workplace/Workplace.tsx"));

const TENANT = "deskbell.tenant";

const shelf = browserShelf();
const call = rest();
const session = new AgentSession(call, shelf);

function newDesk(onEnded: () => void): Desk {
  const socketUrl = `${location.origin.replace(/^http/, "ws")}/api/v1/agent/socket`;
  return new Desk({ rest: call, session, socketUrl, shelf, onEnded });
}

export function App() {
  const [desk, setDesk] = useState<Desk | null>(null);
  const [ended, setEnded] = useState(false);

  const enter = useCallback(() => {
    setEnded(false);
    setDesk(
      newDesk(() => {
        session.forget();
        setEnded(true);
        setDesk(null);
      }),
    );
  }, []);

  useEffect(() => {
    if (session.agentId) enter();
  }, [enter]);

  useEffect(() => {
    desk?.start();
    return () => desk?.stop();
  }, [desk]);

  const logIn = async (who: LogInWith) => {
    await session.logIn(who);
    shelf.set(TENANT, who.tenant);
    enter();
  };
  const logOut = async () => {
    desk?.stop();
    setDesk(null);
    await session.logOut();
  };

  if (!desk) return <LogIn ended={ended} tenant={shelf.get(TENANT) ?? ""} onLogIn={logIn} />;
  return (
    <DeskContext value={desk}>
      <Suspense>
        <Workplace shelf={shelf} onLogOut={logOut} />
      </Suspense>
    </DeskContext>
  );
}
