import { primitives, toHex } from "@menshen/crypto";
import {
  CustodyError,
  type EvidenceKeys,
  type EvidenceVerdict,
  MAX_ARCHIVE_BYTES,
  parsePackageKeys,
  verifyEvidencePackage,
} from "@menshen/custody";
import { openingEndpoints } from "@menshen/wire";
import { useEffect, useId, useRef, useState } from "react";
import { Foot } from "../page-foot.tsx";
import { Faults, Verified } from "./evidence-verdict.tsx";
import { useEvidenceTexts } from "./texts.ts";

interface Checked {
  readonly verdict: EvidenceVerdict;
  readonly sha256: string;
}

/** Verifies an evidence package in this browser; nothing is sent. */
export function EvidencePage() {
  const t = useEvidenceTexts();
  const [archive, setArchive] = useState<Uint8Array>();
  const [keys, setKeys] = useState<EvidenceKeys | "bad">();
  const [checked, setChecked] = useState<Checked>();
  const [isBusy, setIsBusy] = useState(false);
  const asked = useRef(0);
  useEffect(() => {
    document.title = t.title;
  }, [t]);
  useEffect(() => {
    if (archive === undefined || keys === "bad") return;
    asked.current += 1;
    const mine = asked.current;
    setIsBusy(true);
    setChecked(undefined);
    const check = async () => {
      // The page says that it works before it does.
      await new Promise((resolve) => setTimeout(resolve));
      const verdict = await verifyEvidencePackage(archive, keys);
      return { verdict, sha256: toHex(primitives.sha256(archive)) };
    };
    void check().then((answer) => {
      if (asked.current !== mine) return;
      setChecked(answer);
      setIsBusy(false);
    });
  }, [archive, keys]);

  async function takePackage(file: File | null | undefined) {
    if (!file) return;
    // One byte more than the longest is enough to be refused.
    setArchive(new Uint8Array(await file.slice(0, MAX_ARCHIVE_BYTES + 1).arrayBuffer()));
  }

  async function takeKeys(file: File | null | undefined) {
    setKeys(file ? await readKeys(file) : undefined);
  }

  return (
    <div className="plain plain--wide">
      <header className="plain-head">
        <img className="plain-head__seal" src="/public/seal.svg" alt="" />
        <span className="plain-head__name">Menshen 门神</span>
        <a href="/public/">{t.log}</a>
      </header>
      <main id="content" tabIndex={-1}>
        <h1>{t.title}</h1>
        <p>{t.lead}</p>
        <section
          aria-label={t.title}
          className="drop"
          onDragOver={(event) => event.preventDefault()}
          onDrop={(event) => {
            event.preventDefault();
            void takePackage(event.dataTransfer.files.item(0));
          }}
        >
          <FileField label={t.choose} accept=".zip,application/zip" onFile={takePackage} />
          <FileField label={t.keys} accept=".json,application/json" help={t.keysHelp} onFile={takeKeys} />
          <p className="plain-quiet">
            <a href={openingEndpoints.keys.path} download="menshen-keys.json">
              {t.served}
            </a>
          </p>
          {keys === "bad" ? <p role="alert">{t.keysBad}</p> : null}
        </section>
        <div role="status">{isBusy && checked === undefined ? <p>{t.checking}…</p> : null}</div>
        {checked === undefined || keys === "bad" ? null : checked.verdict.verified ? (
          <Verified found={checked.verdict} sha256={checked.sha256} />
        ) : (
          <Faults faults={checked.verdict.faults} sha256={checked.sha256} />
        )}
        <p className="plain-quiet">{t.sealed}</p>
      </main>
      <Foot />
    </div>
  );
}

function FileField(props: {
  label: string;
  accept: string;
  help?: string;
  onFile: (file: File | null | undefined) => Promise<void>;
}) {
  const id = useId();
  const { label, accept, help, onFile } = props;
  return (
    <div className="plain-field">
      <label htmlFor={id}>{label}</label>
      <input
        id={id}
        type="file"
        accept={accept}
        aria-describedby={help === undefined ? undefined : `${id}-help`}
        onChange={(event) => void onFile(event.target.files?.item(0))}
      />
      {help === undefined ? null : (
        <p id={`${id}-help`} className="plain-quiet">
          {help}
        </p>
      )}
    </div>
  );
}

async function readKeys(file: File): Promise<EvidenceKeys | "bad"> {
  try {
    return parsePackageKeys(JSON.parse(await file.text()));
  } catch (error) {
    if (error instanceof CustodyError || error instanceof SyntaxError) return "bad";
    throw error;
  }
}
