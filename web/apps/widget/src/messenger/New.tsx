// Before the first word: what it is about, who one is (if one likes), the words.

import { initials } from "@deskbell/ui";
import { check } from "@deskbell/ui/icons";
import { useState } from "preact/hooks";
import type { Screen } from "./App.tsx";
import { Banner } from "./Banner.tsx";
import { Composer } from "./Composer.tsx";
import { Header } from "./Header.tsx";
import { useStartingPoint, useStore } from "./hooks.ts";
import { Icon } from "./Icon.tsx";
import { isAddress, type Me, remember, remembered } from "./me.ts";
import { Topic } from "./Topic.tsx";

export function New(screen: Screen & { open: boolean }) {
  const { messenger, shelf, topic, onTopic, go, open } = screen;
  const { inbox } = useStore(messenger.state);
  const [category, setCategory] = useState(topic?.category ?? null);
  const [me, setMe] = useState(() => remembered(shelf));
  const [asking, setAsking] = useState(!me.name && !me.email);
  const [wrong, setWrong] = useState(false);
  useStartingPoint(open, "new", ".composer textarea");

  const start = (text: string): boolean => {
    const said: Me = { name: me.name.trim(), email: me.email.trim() };
    if (said.email && !isAddress(said.email)) {
      setWrong(true);
      setAsking(true);
      return false;
    }
    remember(shelf, said);
    const form = { ...(said.name && { name: said.name }), ...(said.email && { email: said.email }) };
    messenger.start();
    messenger.write(text, null, {
      ...(topic && { attributes: topic.attributes }),
      ...(topic?.subject && { subject: topic.subject }),
      ...(category && { category }),
      ...(Object.keys(form).length > 0 && { form }),
    });
    onTopic(null);
    go({ name: "chat", id: null });
    return true;
  };

  return (
    <>
      <Header {...screen} title={inbox?.name ?? "New chat"} subtitle="We answer here" picture={initials(inbox?.name)} />
      <Banner messenger={messenger} />
      <div class="new">
        {topic && <Topic topic={topic} onRemove={() => onTopic(null)} />}
        {topic && topic.categories.length > 0 && (
          <Choices of={topic.categories} chosen={category} onChoose={setCategory} />
        )}
        {asking ? (
          <WhoIAm
            me={me}
            wrong={wrong}
            onChange={(next) => {
              setMe(next);
              setWrong(false);
            }}
            onLeave={() => setWrong(me.email.trim() !== "" && !isAddress(me.email.trim()))}
          />
        ) : (
          <p class="as">
            <span dir="auto">You write as {[me.name, me.email].filter(Boolean).join(", ")}</span>
            <button type="button" class="quiet-button" onClick={() => setAsking(true)}>
              Change
            </button>
          </p>
        )}
      </div>
      <Composer
        shelf={shelf}
        place="new"
        label="Your message"
        hint="Write your message"
        verb="Start chat"
        onWriting={(on) => {
          if (!on) return;
          messenger.start();
          // Whoever writes stays here, also when a chat begins in another tab.
          go({ name: "new" });
        }}
        onSend={start}
      />
    </>
  );
}

interface ChoicesProps {
  of: readonly string[];
  chosen: string | null;
  onChoose(category: string): void;
}

function Choices({ of, chosen, onChoose }: ChoicesProps) {
  return (
    <fieldset class="choices">
      <legend>What is it about?</legend>
      {of.map((each) => (
        <label key={each} class={chosen === each ? "choice chosen" : "choice"}>
          <input type="radio" name="category" checked={chosen === each} onChange={() => onChoose(each)} />
          {chosen === each && <Icon path={check} size={16} />}
          {each}
        </label>
      ))}
    </fieldset>
  );
}

interface WhoIAmProps {
  me: Me;
  wrong: boolean;
  onChange(me: Me): void;
  onLeave(): void;
}

function WhoIAm({ me, wrong, onChange, onLeave }: WhoIAmProps) {
  return (
    <div class="fields">
      <label>
        <span>
          Name <i>optional</i>
        </span>
        <input
          type="text"
          autocomplete="name"
          maxLength={100}
          value={me.name}
          onInput={(event) => onChange({ ...me, name: event.currentTarget.value })}
        />
      </label>
      <label>
        <span>
          E-mail <i>optional</i>
        </span>
        <input
          type="email"
          autocomplete="email"
          maxLength={254}
          value={me.email}
          aria-invalid={wrong}
          aria-describedby={wrong ? "email-wrong" : undefined}
          onInput={(event) => onChange({ ...me, email: event.currentTarget.value })}
          onBlur={onLeave}
        />
      </label>
      {wrong && (
        <p id="email-wrong" class="wrong" role="alert">
          This is no e-mail address. Correct it or leave it empty.
        </p>
      )}
    </div>
  );
}
