import {
  LISTING_KINDS,
  type ListingInput,
  type ListingKind,
  MARKET_MAX_NUMBERS,
  marketEndpoints,
} from "@menshen/wire";
import { App, Button, Input, Radio } from "antd";
import { useId, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, useNavigate } from "react-router";
import { call } from "../../api/client.ts";
import { useChange } from "../../api/records.tsx";
import { useMay, useSignedIn } from "../../api/session.tsx";
import { PageHead } from "../../components/page-head.tsx";
import { Forbidden } from "../../components/page-states.tsx";
import { problemText } from "../../components/problem-text.ts";
import { type CardFacts, CardFields, knownFacts } from "./card-fields.tsx";
import { readNumbers } from "./card-numbers.ts";
import { isPhoto, sendPhoto } from "./photo.ts";

/** Writes down an offer or a seized batch. */
export function NewListing() {
  const { t } = useTranslation();
  const { t: text } = useTranslation("market");
  const navigate = useNavigate();
  const { message } = App.useApp();
  const mayHandle = useMay("cases.handle");
  const { timeZone } = useSignedIn().community;
  const id = useId();
  const [kind, setKind] = useState<ListingKind>("online");
  const [seenOn, setSeenOn] = useState(() =>
    new Intl.DateTimeFormat("sv-SE", { timeZone }).format(Date.now()),
  );
  const [url, setUrl] = useState("");
  const [words, setWords] = useState("");
  const [typed, setTyped] = useState("");
  const [facts, setFacts] = useState<CardFacts>({ chip: "uid" });
  const [photo, setPhoto] = useState<File>();
  const [isSent, setIsSent] = useState(false);
  const { numbers, bad } = readNumbers(typed);
  const isEmpty = url.trim() === "" && words.trim() === "" && numbers.length === 0;
  const isBadPhoto = photo !== undefined && !isPhoto(photo);
  const isReady =
    !isEmpty && bad.length === 0 && numbers.length <= MARKET_MAX_NUMBERS && !isBadPhoto && seenOn !== "";
  const save = useChange(
    async (body: ListingInput) => {
      const listing = await call(marketEndpoints.create, { body });
      // It is written down by now; a photo that is not taken is said, and can be added again.
      if (photo !== undefined) {
        await sendPhoto(listing.id, photo).catch(
          (error: unknown) => void message.warning(text("photoRefused", { why: problemText(t, error) }), 8),
        );
      }
      return listing;
    },
    { onDone: (listing) => void navigate(`/market/${listing.id}`) },
  );
  if (!mayHandle) return <Forbidden />;
  return (
    <>
      <p>
        <Link to="/market">{text("back")}</Link>
      </p>
      <PageHead title={text("add")} />
      <form
        className="market-form"
        onSubmit={(event) => {
          event.preventDefault();
          setIsSent(true);
          if (!isReady) return;
          const { chip, ...known } = knownFacts(facts);
          save.mutate({
            kind,
            seenOn,
            ...(url.trim() === "" ? {} : { url: url.trim() }),
            ...(words.trim() === "" ? {} : { text: words.trim() }),
            ...known,
            numbers: numbers.map((number) => ({ number, chip })),
          });
        }}
      >
        <Radio.Group
          aria-label={text("title")}
          value={kind}
          onChange={(event) => setKind(event.target.value)}
          options={LISTING_KINDS.map((value) => ({ value, label: text(`kind.${value}`) }))}
        />
        <div className="form-field">
          <label htmlFor={`${id}-seen`}>{text("seenOn")}</label>
          <Input
            id={`${id}-seen`}
            type="date"
            value={seenOn}
            onChange={(event) => setSeenOn(event.target.value)}
          />
        </div>
        <div className="form-field">
          <label htmlFor={`${id}-url`}>{text("url")}</label>
          <Input
            id={`${id}-url`}
            inputMode="url"
            maxLength={500}
            value={url}
            onChange={(event) => setUrl(event.target.value)}
            aria-describedby={`${id}-url-help`}
          />
          <p className="quiet" id={`${id}-url-help`}>
            {text("urlHelp")}
          </p>
        </div>
        <div className="form-field">
          <label htmlFor={`${id}-text`}>{text("text")}</label>
          <Input.TextArea
            id={`${id}-text`}
            rows={4}
            maxLength={4_000}
            value={words}
            onChange={(event) => setWords(event.target.value)}
            aria-describedby={`${id}-text-help`}
          />
          <p className="quiet" id={`${id}-text-help`}>
            {text("textHelp")}
          </p>
        </div>
        <div className="form-field">
          <label htmlFor={`${id}-numbers`}>{text("cardNumbers")}</label>
          <Input.TextArea
            id={`${id}-numbers`}
            className="market-number"
            rows={4}
            value={typed}
            status={bad.length > 0 || numbers.length > MARKET_MAX_NUMBERS ? "error" : ""}
            onChange={(event) => setTyped(event.target.value)}
            aria-describedby={`${id}-numbers-help`}
          />
          <p className="quiet" id={`${id}-numbers-help`} aria-live="polite">
            {bad.length > 0
              ? text("badLines", { lines: bad.slice(0, 10).join(", ") })
              : numbers.length > MARKET_MAX_NUMBERS
                ? text("tooMany")
                : numbers.length > 0
                  ? text("read", { count: numbers.length })
                  : text("cardNumbersHelp")}
          </p>
        </div>
        <CardFields facts={facts} onChange={setFacts} />
        <div className="form-field">
          <label htmlFor={`${id}-photo`}>{text("photo")}</label>
          <input
            id={`${id}-photo`}
            type="file"
            accept="image/jpeg,image/png"
            onChange={(event) => setPhoto(event.target.files?.[0])}
            aria-describedby={`${id}-photo-help`}
          />
          <p className="quiet" id={`${id}-photo-help`}>
            {isBadPhoto ? text("photoBad") : text("photoHelp")}
          </p>
        </div>
        <p role="alert">{isSent && isEmpty ? text("needSomething") : ""}</p>
        <span className="actions">
          <Button type="primary" htmlType="submit" loading={save.isPending}>
            {text("save")}
          </Button>
        </span>
      </form>
    </>
  );
}
