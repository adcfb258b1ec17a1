import type { GateView } from "../gate-view.ts";
import { FINDING_TEXTS, type Language, PAGE_TEXTS, VALUE_TEXTS } from "./texts.ts";

/** Fits a phone in an installer's hand; colour never stands alone. */
const STYLE = `
:root{color-scheme:light dark;--line:#d0d5dd;--fault:#b42318;--warning:#9a5b00;--notice:#475467}
@media(prefers-color-scheme:dark){:root{--line:#3a4150;--fault:#ff8f85;--warning:#ffc24b;--notice:#a5adba}}
body{font:16px/1.5 system-ui,"Noto Sans CJK SC",sans-serif;margin:0 auto;padding:1rem;max-width:60rem}
h1{font-size:1.4rem;margin:0}h2{font-size:1.1rem;margin:1.5rem 0 .5rem}
header{display:flex;justify-content:space-between;align-items:baseline;gap:1rem;flex-wrap:wrap}
table{border-collapse:collapse;width:100%}th,td{text-align:start;padding:.35rem .5rem;border-bottom:1px solid var(--line);vertical-align:top}
.scroll{overflow-x:auto}code{font-size:.85em;overflow-wrap:anywhere}
ul{list-style:none;padding:0;margin:0}li{padding:.5rem .75rem;border-inline-start:4px solid;margin:.25rem 0}
.fault{color:var(--fault)}.warning{color:var(--warning)}.notice{color:var(--notice)}
`;

function safe(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** The page as HTML; `nonce` allows its own style and nothing else. */
export function renderStatusPage(view: GateView, language: Language, nonce: string): string {
  const say = (key: keyof typeof PAGE_TEXTS): string => PAGE_TEXTS[key][language];
  const value = (key: string): string => VALUE_TEXTS[key]?.[language] ?? key;
  const time = (ms: number): string =>
    new Intl.DateTimeFormat(language === "zh" ? "zh-CN" : "en-GB", {
      dateStyle: "medium",
      timeStyle: "medium",
      ...(view.timeZone === undefined ? {} : { timeZone: view.timeZone }),
    }).format(ms);
  const id = (text: string): string => `<code>${safe(text)}</code>`;
  const row = (name: string, content: string): string =>
    `<tr><th scope="row">${name}</th><td>${content}</td></tr>`;

  const findings =
    view.findings.length === 0
      ? `<p>${say("allWell")}</p>`
      : `<ul>${view.findings
          .map(
            ({ code, severity, subject }) =>
              `<li class="${severity}"><strong>${value(severity)}</strong> · ${FINDING_TEXTS[code][language]}${
                subject === undefined ? "" : ` ${id(subject)}`
              } <small>${code}</small></li>`,
          )
          .join("")}</ul>`;

  const doors = table(
    [say("doors"), say("lock"), say("contact"), say("mode")],
    view.portals.map(({ portalId, lock, contact, mode, lockdown, fireRelease }) => [
      id(portalId),
      value(lock),
      value(contact),
      [
        value(mode),
        ...(lockdown === 0 ? [] : [`${say("lockdown")} ${lockdown}`]),
        ...(fireRelease ? [say("fire")] : []),
      ].join(" · "),
    ]),
    say("none"),
  );
  const readers = table(
    [say("readers"), say("state"), say("channel"), say("accessPoint")],
    view.readers.map(({ readerId, online, secureChannel, accessPointId, how }) => [
      `${id(readerId)}<br><small>${safe(how)}</small>`,
      online ? say("online") : say("offline"),
      value(secureChannel),
      accessPointId === undefined ? say("none") : id(accessPointId),
    ]),
    say("none"),
  );
  const { clock, snapshot, keyring, journal, link } = view;
  const doubtSeconds = ((clock.latestMs - clock.earliestMs) / 1_000).toFixed(1);

  return `<!doctype html>
<html lang="${language === "zh" ? "zh-CN" : "en"}"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<title>${say("title")}</title><style nonce="${nonce}">${STYLE}</style></head><body>
<header><h1>${say("title")}</h1><a href="?lang=${language === "zh" ? "en" : "zh"}" lang="${
    language === "zh" ? "en" : "zh-CN"
  }">${say("other")}</a></header><main>
<section><h2>${say("findings")}</h2>${findings}</section>
<section><h2>${say("doors")}</h2>${doors}</section>
<section><h2>${say("readers")}</h2>${readers}</section>
<section><h2>${say("state")}</h2><div class="scroll"><table>
${row(say("gate"), view.gateId === undefined ? say("none") : id(view.gateId))}
${row(say("software"), safe(view.softwareVersion))}
${row(
  say("clock"),
  `${say("between")} ${time(clock.earliestMs)} – ${time(clock.latestMs)} · ${say("doubt")} ${doubtSeconds} s<br>${say(
    "system",
  )} ${time(clock.systemMs)}`,
)}
${row(
  say("rules"),
  snapshot === undefined
    ? say("none")
    : `${say("version")} ${snapshot.version} · ${say("credentials")} ${snapshot.credentials} · ${say("until")} ${time(
        snapshot.untilMs,
      )}`,
)}
${row(say("cardKeys"), keyring === undefined ? say("none") : `${say("version")} ${keyring.version} · ${keyring.cards}`)}
${row(
  say("journal"),
  `${say("entries")} ${journal.lastSequence} · ${say("backlog")} ${journal.lastSequence - journal.acknowledged} · ${say(
    "waiting",
  )} ${journal.waiting}`,
)}
${row(
  say("link"),
  `${link.connected ? say("connected") : say("disconnected")}${link.server === undefined ? "" : ` · ${safe(link.server)}`}${
    link.certificateUntilMs === undefined
      ? ""
      : `<br>${say("certificateUntil")} ${time(link.certificateUntilMs)}`
  }`,
)}
</table></div></section></main></body></html>
`;
}

function table(heads: readonly string[], rows: readonly (readonly string[])[], empty: string): string {
  if (rows.length === 0) return `<p>${empty}</p>`;
  const head = heads.map((text) => `<th scope="col">${text}</th>`).join("");
  const body = rows.map((cells) => `<tr>${cells.map((cell) => `<td>${cell}</td>`).join("")}</tr>`).join("");
  return `<div class="scroll"><table><thead><tr>${head}</tr></thead><tbody>${body}</tbody></table></div>`;
}
