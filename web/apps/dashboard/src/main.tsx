// The agent's page.

import "./app.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./App.tsx";

// An address somebody typed or was sent (`/settings/plugins`) is a place on this page.
if (location.pathname !== "/") history.replaceState(null, "", `/#${location.pathname}`);

const place = document.getElementById("app");
if (place) {
  createRoot(place).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}
