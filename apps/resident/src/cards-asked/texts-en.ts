import type { CardsAskedTexts } from "./texts-zh-CN.ts";

export const en: CardsAskedTexts = {
  lead: "Somebody may have copied a card of this community. The server does not know whose; only your own phone knows your card. Unless you answer, nobody learns that it is your home.",
  none: "No question about your cards",
  noneHelp:
    "Your phone compared the list with your own trail and found nothing of yours. If you have not opened “My trail” for long, read it first.",
  readTrail: "Read my trail",
  was: "Was this you?",
  wasHelp: "Something unusual was seen on one of your cards, last on {{when}}, {{where}}.",
  choices: {
    me: "Yes, it was me",
    "not-me": "No, it was not me",
    family: "A family member, or somebody I asked",
  },
  me: "Then it is clear. A person checks and closes the case.",
  notMe:
    "You get a new card that is hard to copy, free and without waiting. Your other ways in work as ever.",
  family:
    "A card that your family had made is nobody's fault. Each of you can have a card of their own, free.",
  amnesty: "Until {{until}} cards that families had made are exchanged, with no questions.",
  callMe: "Ask the desk to call me",
  callMeHelp: "With this the desk knows that it is you. Without it nobody knows who answered.",
  send: "Answer",
  sent: "Your answer was received.",
  answered: "This question was answered already.",
  measures: "What the desk decided about this card",
  measure: {
    watch: "The card is watched; doors open as ever",
    ask: "You are asked the question above",
    "desk-notice": "You are asked to the desk; doors open as ever",
    "second-factor": "Doors with a keypad ask for your PIN as well",
    replacement: "You are offered a new card, free",
    block: "This card was stopped; your other ways in work as ever",
  },
  why: "Reason: {{reason}}",
  object: "I object",
  objectHelp: "Write why, and a person answers. If you are right, the steps end at once.",
  words: "Your reasons",
  objected: "Your objection was sent.",
};
