import type { PaperTexts } from "./texts-zh-CN.ts";

export const en: PaperTexts = {
  lead: "It works the same without a phone. Print in large type, fill in, sign, and hand it to the desk. Somebody at home may print it for you.",
  others:
    "Consent forms, ballots and complaint forms are printed by the desk: a consent form comes with its whole notice, and there is one ballot for each home.",
  all: "Other forms",
  next: "Hand it to the desk when it is filled in, and ask for the receipt at once.",
  lines: ["Name or alias", "Home", "Signature", "Date"],
  desk: "For the desk: received at, by whom, number of the receipt",
  paper: {
    withdrawal: {
      title: "Withdraw a consent",
      fact: "Done by one person, at once",
      ask: "I withdraw what I agreed to before. My doors go on opening, the same ones at the same hours.",
      choices: [
        "Opening by face",
        "The contact I left",
        "Commercial messages",
        "Passing my data on to others",
        "All of these",
      ],
      lines: ["Another consent (its name)"],
      promise:
        "The desk does it at once and gives you a signed receipt; what was kept because of that consent is deleted with it.",
    },
    deletion: {
      title: "See, correct or delete my data",
      fact: "A copy, a correction, a deletion",
      ask: "I ask you to:",
      choices: [
        "give me a copy of all my data on paper",
        "correct what I write below",
        "delete what I write below",
        "delete all my data",
      ],
      lines: ["Which part, and how it should read"],
      promise:
        "The desk enters it at once and gives you its number. Done or not, you are told in writing, with the reason and whom else to ask.",
    },
    keys: {
      title: "Cards and PIN",
      fact: "Lost, another one, a PIN",
      ask: "I ask you to:",
      choices: [
        "block my lost card at once",
        "give me a card (the first is free)",
        "give me a PIN",
        "give me another PIN",
        "end the pass of a lost phone",
      ],
      lines: ["Last four digits of the card, if known"],
      promise:
        "A lost card is blocked at once, and doors on the network refuse it within two seconds; your other ways in go on working.",
    },
  },
};
