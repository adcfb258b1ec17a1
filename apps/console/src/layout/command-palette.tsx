import { type SearchHit, searchEndpoints } from "@menshen/wire";
import { useQuery } from "@tanstack/react-query";
import { Modal } from "antd";
import { type KeyboardEvent, useDeferredValue, useEffect, useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { useNavigate } from "react-router";
import { call } from "../api/client.ts";
import { useViewKey } from "../api/view-reason.ts";
import { NamesOnRequest } from "../components/residents-data.tsx";

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

/** Ctrl K or ⌘K: type a part of a name, arrow keys, Enter. */
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

  const go = (hit: SearchHit) => {
    onOpenChange(false);
    setText("");
    void navigate(addressOf(hit));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "ArrowDown") setSelected((index) => Math.min(index + 1, hits.length - 1));
    else if (event.key === "ArrowUp") setSelected((index) => Math.max(index - 1, 0));
    else if (event.key === "Enter") {
      const hit = hits[selected];
      if (hit !== undefined) go(hit);
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
        aria-expanded={hits.length > 0}
        aria-controls={listId}
        aria-activedescendant={hits[selected] === undefined ? undefined : `${listId}-${selected}`}
        placeholder={t("palette.placeholder")}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setSelected(0);
        }}
        onKeyDown={onKeyDown}
      />
      <div className="palette__list" id={listId} role="listbox" aria-label={t("common.search")} tabIndex={-1}>
        {hits.map((hit, index) => (
          <div
            key={`${hit.type}/${hit.id}`}
            id={`${listId}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === selected}
            onClick={() => go(hit)}
            onKeyDown={onKeyDown}
            onMouseEnter={() => setSelected(index)}
          >
            <span>{hit.title}</span>
            <span className="palette__kind">
              {t(`palette.kind.${hit.type}`)}
              {hit.subtitle === undefined ? "" : ` · ${hit.subtitle}`}
            </span>
          </div>
        ))}
      </div>
      {asked !== "" && found.isSuccess && hits.length === 0 ? <p>{t("palette.nothing")}</p> : null}
      <NamesOnRequest text={t("view.askForSearch")} />
    </Modal>
  );
}
