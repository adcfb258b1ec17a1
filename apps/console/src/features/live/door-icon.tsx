import type { DoorState } from "@menshen/wire";

/** A door leaf, closed or swung open, with its lock. Decoration: the words stand beside it. */
export function DoorIcon(props: { door: DoorState }) {
  const { contact, lock } = props.door;
  return (
    <svg
      className="door-icon"
      viewBox="0 0 40 48"
      width="40"
      height="48"
      aria-hidden="true"
      focusable="false"
    >
      <path d="M4 46V4h32v42" fill="none" stroke="currentColor" strokeWidth="2" />
      {contact === "open" ? (
        <path d="M6 6 22 12V47L6 44Z" fill="currentColor" opacity="0.85" />
      ) : (
        <path
          d="M8 8h24v38H8Z"
          fill={lock === "unlocked" ? "none" : "currentColor"}
          opacity={lock === "unlocked" ? 1 : 0.16}
          stroke="currentColor"
          strokeWidth="1.5"
          strokeDasharray={contact === "unknown" ? "3 3" : undefined}
        />
      )}
      {contact === "open" ? (
        <circle cx="18.500" cy="29" r="1.800" fill="var(--ms-paper)" />
      ) : lock === "locked" ? (
        <g fill="currentColor">
          <rect x="15" y="25" width="10" height="8" rx="1.500" />
          <path d="M17 25v-2.500a3 3 0 0 1 6 0V25" fill="none" stroke="currentColor" strokeWidth="1.800" />
        </g>
      ) : (
        <circle cx="28" cy="28" r="1.800" fill="currentColor" />
      )}
    </svg>
  );
}
