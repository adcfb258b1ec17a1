/** The seal at the head of every page: drawn here, since a picture would be one more journey to the server. */
export function Seal() {
  return (
    <svg className="plain-head__seal" viewBox="0 0 32 32" aria-hidden="true">
      <rect x="2" y="2" width="28" height="28" rx="5" fill="#c8321f" />
      <path
        d="M10 8v17M22 8v17M10 8h4.5M22 8h-4.5M14.5 8v8M17.5 8v8M10 16h4.5M17.5 16H22"
        fill="none"
        stroke="#fbfaf7"
        strokeWidth="2.4"
        strokeLinecap="round"
      />
    </svg>
  );
}
