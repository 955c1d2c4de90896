// Before the first word: what this is about, who one is (if one likes), the words.

import type { Messenger, Shelf } from "@deskbell/client";
import { bag, check } from "@deskbell/ui/icons";
import { useState } from "preact/hooks";
import type { PageContext } from "./App.tsx";
import { Composer } from "./Composer.tsx";
import { useStore } from "./hooks.ts";
import { Icon } from "./Icon.tsx";
import { Past } from "./Past.tsx";

interface Props {
  messenger: Messenger;
  context: PageContext;
  shelf: Shelf;
}

export function Start({ messenger, context, shelf }: Props) {
  const { inbox } = useStore(messenger.state);
  const [category, setCategory] = useState<string | null>(null);
  const [name, setName] = useState("");
  const [email, setEmail] = useState("");
  const [emailWrong, setEmailWrong] = useState(false);

  const start = (text: string): boolean => {
    const wrong = email.trim() !== "" && !/^\S+@\S+\.\S+$/.test(email.trim());
    setEmailWrong(wrong);
    if (wrong) return false;
    const form = { ...(name.trim() && { name: name.trim() }), ...(email.trim() && { email: email.trim() }) };
    messenger.write(text, null, {
      attributes: context.attributes,
      ...(category && { category }),
      ...(Object.keys(form).length > 0 && { form }),
    });
    return true;
  };

  return (
    <>
      <div class="start">
        <h3>{inbox?.look.welcome_title ?? "How can we help?"}</h3>
        <p class="start-text">
          {inbox?.look.welcome_text ?? "Tell us what happened. A person reads it and answers here."}
        </p>
        <p class="about">
          <Icon path={bag} size={16} />
          {context.label}
          <span>The agent sees it</span>
        </p>
        <fieldset class="choices">
          <legend>What is it about?</legend>
          {context.categories.map((each) => (
            <label key={each} class={category === each ? "choice chosen" : "choice"}>
              <input type="radio" name="category" checked={category === each} onChange={() => setCategory(each)} />
              {category === each && <Icon path={check} size={16} />}
              {each}
            </label>
          ))}
        </fieldset>
        <div class="fields">
          <label>
            <span>
              Name <i>optional</i>
            </span>
            <input
              type="text"
              autocomplete="name"
              maxLength={100}
              value={name}
              onInput={(event) => setName(event.currentTarget.value)}
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
              value={email}
              aria-invalid={emailWrong}
              aria-describedby={emailWrong ? "email-wrong" : undefined}
              onInput={(event) => {
                setEmail(event.currentTarget.value);
                setEmailWrong(false);
              }}
            />
          </label>
        </div>
        {emailWrong && (
          <p id="email-wrong" class="wrong" role="alert">
            This is no e-mail address. Correct it or leave it empty.
          </p>
        )}
        <Past messenger={messenger} />
      </div>
      <Composer
        shelf={shelf}
        place="new"
        label="Your message"
        hint="Write your message"
        verb="Start chat"
        onSend={start}
      />
    </>
  );
}
