// The coloured bar above a new chat and a conversation.

import { back, bell, bellOff, cross } from "@deskbell/ui/icons";
import type { ComponentChildren } from "preact";
import type { Screen } from "./App.tsx";
import { Icon } from "./Icon.tsx";
import { setSound } from "./sound.ts";

interface Props extends Screen {
  title: string;
  subtitle: string;
  /** Initials of whom one talks to, or a picture in place of them. */
  picture?: ComponentChildren;
  /** A button of the screen's own. */
  action?: ComponentChildren;
  /** A question that spans the bar. */
  children?: ComponentChildren;
}

export function Header({ title, subtitle, picture, action, children, ...screen }: Props) {
  return (
    <header class="header">
      <div class="header-row">
        <button
          type="button"
          class="header-button back"
          aria-label="Back to the start"
          onClick={() => screen.go({ name: "home" })}
        >
          <Icon path={back} />
        </button>
        {picture && (
          <span class="avatar avatar-large" aria-hidden="true">
            {picture}
          </span>
        )}
        <div class="header-names">
          <h1 tabIndex={-1}>{title}</h1>
          <p>{subtitle}</p>
        </div>
        {action}
        <CloseButton {...screen} />
      </div>
      {children}
    </header>
  );
}

export function HeaderButtons(screen: Screen) {
  const { shelf, sound, onSound } = screen;
  return (
    <>
      <button
        type="button"
        class="header-button"
        aria-label="Sound when an answer comes"
        aria-pressed={sound}
        title={sound ? "Sound is on" : "Sound is off"}
        onClick={() => {
          setSound(shelf, !sound);
          onSound(!sound);
        }}
      >
        <Icon path={sound ? bell : bellOff} />
      </button>
      <CloseButton {...screen} />
    </>
  );
}

function CloseButton({ onClose }: Screen) {
  if (!onClose) return null;
  return (
    <button type="button" class="header-button" aria-label="Close chat" onClick={onClose}>
      <Icon path={cross} />
    </button>
  );
}
