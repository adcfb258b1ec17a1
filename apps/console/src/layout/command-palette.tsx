import { type SearchHit, searchEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Modal } from "antd";
import { type KeyboardEvent, useDeferredValue, useEffect, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { call } from "../api/client.ts";
import { useMay } from "../api/session.tsx";
import { useLive } from "../api/use-live.tsx";
import { useViewKey } from "../api/view-reason.ts";
import { NamesOnRequest } from "../components/residents-data.tsx";
import { PALETTE_PAGES } from "./console-pages.ts";
import { doorsToOpen, pagesNamed } from "./palette-commands.ts";

const PAGE_OF: Record<SearchHit["type"], string> = {
  person: "/people",
  dwelling: "/people",
  building: "/people",
  portal: "/doors",
  gate: "/doors",
  reader: "/doors",
  credential: "/credentials",
  schedule: "/schedules",
  rule: "/rules",
  staff: "/settings",
};

function addressOf(hit: SearchHit): string {
  return `${PAGE_OF[hit.type]}?${hit.type}=${encodeURIComponent(hit.id)}`;
}

/** One line of the palette: what it is called, of which kind, and where it leads. */
interface Entry {
  readonly id: string;
  readonly title: string;
  readonly kind: string;
  readonly address: string;
}

/**
 * What the palette offers for a text: pages, then what the server found, then doors to open; doors first where the text
 * is an order to open. What is found comes later than the rest, so nothing below it is shown before: what stands
 * first must not change under the finger that presses Enter.
 */
function useEntries(text: string, hits: readonly SearchHit[], isSearched: boolean): readonly Entry[] {
  const { t } = useTranslation();
  const mayOpen = useMay("doors.command");
  const { overview } = useLive();
  const titled = PALETTE_PAGES.map(({ key, path }) => ({ path, title: t(key) }));
  const pages = pagesNamed(text, titled).map(({ path, title }) => ({
    ...{ id: path, title, address: path },
    kind: t("palette.page.kind"),
  }));
  const found = hits.map((hit) => ({
    ...{ id: `${hit.type}/${hit.id}`, title: hit.title, address: addressOf(hit) },
    kind: t(`palette.kind.${hit.type}`) + (hit.subtitle === undefined ? "" : ` · ${hit.subtitle}`),
  }));
  const { doors, isOrder } = doorsToOpen(text, mayOpen ? (overview?.doors ?? []) : []);
  const orders = doors.map(({ name, portalId }) => ({
    id: `open/${portalId}`,
    title: t("palette.open", { name }),
    kind: t("palette.order"),
    address: `/guard?door=${portalId}&do=unlock`,
  }));
  if (isOrder) return [...orders, ...pages, ...found];
  return [...pages, ...found, ...(isSearched ? orders : [])];
}

/** Ctrl K or ⌘K: type a part of a name, of a page, or "open" and a door; arrow keys, Enter. */
export function CommandPalette(props: {
  isOpen: boolean;
  onOpenChange: (isOpen: boolean) => void;
  /** Closed without going anywhere. */
  onDismiss: () => void;
}) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const listId = useId();
  const [text, setText] = useState("");
  const [selected, setSelected] = useState(0);
  const asked = useDeferredValue(text.trim());
  const viewKey = useViewKey();
  const { isOpen, onOpenChange, onDismiss } = props;

  useEffect(() => {
    const listener = (event: globalThis.KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        onOpenChange(!isOpen);
        if (isOpen) onDismiss();
      }
    };
    addEventListener("keydown", listener);
    return () => removeEventListener("keydown", listener);
  }, [isOpen, onOpenChange, onDismiss]);

  const found = useQuery({
    queryKey: ["search", asked, viewKey],
    enabled: isOpen && asked !== "",
    queryFn: ({ signal }) => call(searchEndpoints.search, { query: { text: asked, limit: 12 }, signal }),
  });
  const hits = asked === "" ? [] : (found.data?.items ?? []);

  const entries = useEntries(text, hits, found.isSuccess);

  const go = ({ address }: Entry) => {
    onOpenChange(false);
    setText("");
    void navigate(address);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setSelected((index) => Math.min(index + 1, entries.length - 1));
    else if (event.key === "ArrowUp") setSelected((index) => Math.max(index - 1, 0));
    else if (event.key === "Enter") {
      const entry = entries[selected];
      if (entry !== undefined) go(entry);
    } else return;
    event.preventDefault();
  };

  const dismiss = () => {
    onOpenChange(false);
    onDismiss();
  };
  return (
    <Modal open={isOpen} onCancel={dismiss} footer={null} closable={false} destroyOnHidden>
      <input
        className="palette__input"
        // The palette was opened to type into it.
        ref={(input) => input?.focus()}
        role="combobox"
        aria-label={t("common.search")}
        aria-expanded={entries.length > 0}
        aria-controls={listId}
        aria-activedescendant={entries[selected] === undefined ? undefined : `${listId}-${selected}`}
        placeholder={t("palette.placeholder")}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setSelected(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div className="palette__list" id={listId} role="listbox" aria-label={t("common.search")} tabIndex={-1}>
        {entries.map((entry, index) => (
          <div
            key={entry.id}
            id={`${listId}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === selected}
            onClick={() => go(entry)}
            onKeyDown={onKeyDown}
            onMouseEnter={() => setSelected(index)}
          >
            <span>{entry.title}</span>
            <span className="palette__kind">{entry.kind}</span>
          </div>
        ))}
      </div>
      {asked !== "" && found.isSuccess && entries.length === 0 ? <p>{t("palette.nothing")}</p> : null}
      <NamesOnRequest text={t("view.askForSearch")} />
    </Modal>
  );
}
