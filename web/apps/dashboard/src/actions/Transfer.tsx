// To whom, and why: a colleague has it at once, a team queues it.

import { type Agent, type Conversation, Refused, sentence, type Team } from "@deskbell/client";
import { people } from "@deskbell/ui/icons";
import { type FormEvent, useState } from "react";
import { useDesk, useDeskState } from "../desk/useDesk.ts";
import { Avatar } from "../parts/Avatar.tsx";
import { Button } from "../parts/Button.tsx";
import { Dialog } from "../parts/Dialog.tsx";
import { Icon } from "../parts/Icon.tsx";
import { AVAILABILITY } from "../parts/words.ts";
import { Problem, TEXT_FIELD } from "./Because.tsx";

interface Props {
  conversation: Conversation;
  onClose(): void;
}

type Target = { agent_id: string } | { team_id: string };

const ORDER = { online: 0, busy: 1, away: 2, offline: 3 };

export function Transfer({ conversation, onClose }: Props) {
  const desk = useDesk();
  const state = useDeskState();
  const [target, setTarget] = useState<Target | null>(null);
  const [reason, setReason] = useState("");
  const [problem, setProblem] = useState<string | null>(null);
  const [full, setFull] = useState(false);
  const insists = full && state.me?.role !== "agent";

  const colleagues = Object.values(state.agents)
    .filter((agent) => agent.deactivated_at === null && agent.id !== conversation.assignee?.id)
    .sort((a, b) => ORDER[a.availability] - ORDER[b.availability] || a.name.localeCompare(b.name));
  const teams = Object.values(state.teams).sort((a, b) => a.name.localeCompare(b.name));

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!target) return;
    const why = reason.trim();
    try {
      await desk.do("transfer", {
        conversation_id: conversation.id,
        ...target,
        ...(why && { reason: why }),
        ...(insists && { over_capacity: true }),
      });
      onClose();
    } catch (error) {
      setFull(error instanceof Refused && error.code === "at_capacity");
      setProblem(sentence(error));
    }
  };
  const choose = (choice: Target) => {
    setTarget(choice);
    setProblem(null);
    setFull(false);
  };

  return (
    <Dialog title="Transfer chat" text="A colleague has it at once, a team queues it." onClose={onClose}>
      <form onSubmit={submit} className="flex min-h-0 flex-col">
        <div className="min-h-0 overflow-y-auto px-4">
          <fieldset>
            <legend className="py-1 text-small font-medium text-muted">Colleagues</legend>
            {colleagues.map((agent) => (
              <AgentOption
                key={agent.id}
                agent={agent}
                chosen={target !== null && "agent_id" in target && target.agent_id === agent.id}
                onChoose={() => choose({ agent_id: agent.id })}
              />
            ))}
          </fieldset>
          <fieldset>
            <legend className="pt-3 pb-1 text-small font-medium text-muted">Teams</legend>
            {teams.map((team) => (
              <TeamOption
                key={team.id}
                team={team}
                chosen={target !== null && "team_id" in target && target.team_id === team.id}
                onChoose={() => choose({ team_id: team.id })}
              />
            ))}
          </fieldset>
        </div>
        <div className="grid shrink-0 gap-3 p-4">
          <label className="grid gap-1">
            <span className="font-medium">
              Reason <span className="font-normal text-muted">optional, for whoever gets it</span>
            </span>
            <textarea
              rows={2}
              maxLength={500}
              value={reason}
              className={TEXT_FIELD}
              onChange={(event) => setReason(event.target.value)}
            />
          </label>
          <Problem text={problem} />
          <footer className="flex justify-end gap-2">
            <Button onClick={onClose}>Keep chat</Button>
            <Button type="submit" kind="filled" disabled={!target}>
              {insists ? "Transfer anyway" : "Transfer chat"}
            </Button>
          </footer>
        </div>
      </form>
    </Dialog>
  );
}

interface OptionProps {
  chosen: boolean;
  onChoose(): void;
  children: React.ReactNode;
}

function Option({ chosen, onChoose, children }: OptionProps) {
  return (
    <label
      className={`relative flex h-10 cursor-pointer items-center gap-3 rounded-control px-2 has-focus-visible:outline-2 has-focus-visible:outline-accent-text ${chosen ? "bg-accent-tint" : "hover:bg-hover"}`}
    >
      <input type="radio" name="target" checked={chosen} onChange={onChoose} className="sr-only" />
      {children}
    </label>
  );
}

function AgentOption({ agent, ...option }: { agent: Agent } & Omit<OptionProps, "children">) {
  return (
    <Option {...option}>
      <Avatar name={agent.name} desk availability={agent.availability} size="size-6" />
      <span className="min-w-0 flex-1 truncate">{agent.name}</span>
      <span className="text-small text-muted">{AVAILABILITY[agent.availability]}</span>
    </Option>
  );
}

function TeamOption({ team, ...option }: { team: Team } & Omit<OptionProps, "children">) {
  const size = team.agent_ids.length;
  return (
    <Option {...option}>
      <span className="grid size-6 place-items-center text-muted">
        <Icon path={people} />
      </span>
      <span className="min-w-0 flex-1 truncate">{team.name}</span>
      <span className="text-small text-muted">
        {size} {size === 1 ? "agent" : "agents"}
      </span>
    </Option>
  );
}
