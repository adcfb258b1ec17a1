import type { navZhCN, Question } from "./nav-zh-CN.ts";

const questions: readonly Question[] = [
  {
    question: "The door did not open",
    answers: [
      "The screen or the light at the door says why; “My comings and goings” says it too, for that very time.",
      "Try another way: card, phone pass or PIN, each is as good. If the pass is not taken, check that the phone's clock is right, then try “Scan the door's code”.",
      "If nothing helps, press the call button at the door. Getting out never depends on the system: the exit button always opens.",
    ],
    href: "#/trail",
    link: "See why it did not open",
  },
  {
    question: "I lost my phone",
    answers: [
      "On another device, sign in with the recovery code or a passkey, end the lost phone under “Phone pass”, then change the key under “My key”.",
      "No other device: tell the desk, which ends it at once. The shared screen at the desk and your recovery code show you your own entries.",
    ],
    href: "#/pass",
    link: "End a phone's pass",
  },
  {
    question: "I lost my card",
    answers: [
      "Press “Lost” under “My keys”: from then on the card opens nothing. Then get a new one at the desk. Phone pass and PIN work as before.",
    ],
    href: "#/keys",
    link: "To my keys",
  },
  {
    question: "Does it work without a network?",
    answers: [
      "Yes. The phone makes the code by itself and the gate decides by itself: neither needs a network.",
      "Without a network you do not see new entries, and cannot vote or withdraw. Do so when there is one.",
    ],
  },
  {
    question: "I have no smartphone, or do not want to use one",
    answers: [
      "The doors open just the same: a card is free, and some doors take a PIN. Enrolment, consent, withdrawal, votes, complaints and deletion can all be done on paper at the desk, in large type if you like.",
      "To see your own entries and who looked at your data, use the shared screen at the desk with the recovery code on your paper. It signs you out by itself and keeps nothing.",
    ],
  },
  {
    question: "Who can see when I come and go?",
    answers: [
      "You alone. Opening it by law takes two of three (owners' committee, property company, city), and you are told afterwards.",
      "Whenever staff look at your name or home they must give a reason, which stands under “Who looked at my data”.",
    ],
    href: "#/looks",
    link: "Who looked at my data",
  },
  {
    question: "I want my data gone",
    answers: [
      "Each consent can be withdrawn by itself, at once, and the doors go on opening.",
      "Ask for deletion under “My data”. When you move out it happens by itself, with receipts for you.",
    ],
    href: "#/data",
    link: "To my data",
  },
];

export const navEn: typeof navZhCN = {
  nav: {
    label: "Parts of the app",
    tab: { home: "Doors", keys: "Keys", rights: "Rights", community: "Community", help: "Help" },
    titleOf: { keys: "My keys", rights: "My rights", community: "My community", help: "Help" },
    mine: "My ways in",
    waysFact: "Cards, phone, PIN",
    passFact: "Open doors with this phone's code",
    receiptsFact: "What the desk gave me: sign or deny",
    papers: "Forms on paper",
    papersFact: "Large type, for the desk",
    more: "More ways",
    know: "To know",
    decide: "To decide",
    trailFact: "When and at which door; only I can open it",
    looksFact: "What staff looked at, and why",
    keyFact: "Recovery code, changing it, passkeys",
    together: "Decided together",
    open: "Open to everybody",
    logFact: "Anybody can check it, nobody can change it",
  },
  shared: {
    title: "A shared screen",
    lead: "See your comings and goings and who looked at your data, withdraw a consent, vote, complain. This screen keeps nothing: after two minutes without a touch it signs you out by itself.",
    enter: "This is a screen that several people use",
    left: "Shared screen · signs you out in {{time}}",
    soon: "Signs you out in half a minute. Touch the screen to go on.",
    end: "I am done, sign out",
    code: "This screen does not keep your key: print or copy the recovery code now and keep it at home. Once you are signed out, only that paper opens your entries.",
  },
  ways: {
    none: "No way in yet",
    noneHelp: "The desk gives you a card, free of charge.",
    since: "Since {{when}}",
    until: "until {{when}}",
    state: {
      ordered: "Asked for",
      personalised: "Ready to be fetched",
      active: "Opens",
      blocked: "Blocked",
      lost: "Reported lost",
      returned: "Given back",
      replaced: "Replaced",
      destroyed: "Destroyed",
    },
    lose: "Lost",
    loseConfirm: "Report this card lost",
    loseHelp:
      "From now on this card opens no door. If you find it, the desk brings it back; your other ways in go on working.",
    foundHelp: "Found it? Bring it to the desk, which makes it work again.",
    watch: "Tell the desk if it is used",
    watchHelp:
      "A door without network may not know yet that this card is lost. Your phone names one of its own entries, so that later uses are noticed; the system then knows which entries of this period are this card's. It does not write down who said so.",
    watchConfirm: "Tell the system",
    watched: "Done. If somebody uses this card, the desk sees it.",
    pin: {
      first: "Get a PIN",
      firstHelp:
        "A PIN is drawn for you: eight digits, shown once and kept nowhere. At doors to the street it comes after your card or phone.",
      another: "Get another PIN",
      anotherHelp: "The new PIN is shown once; the old one stops working at once.",
      confirm: "Show the new PIN now",
      shown: "Your PIN, shown this once. Remember it:",
      duress:
        "If somebody forces you, enter this one: the door opens just the same, and the guards are called.",
      hide: "Remembered, hide it",
    },
  },
  passkeys: {
    title: "Passkeys",
    lead: "Bring everything back on another phone with your fingerprint, face or screen lock, without typing 54 characters. The unlocking happens in the phone and your fingerprint or face goes to nobody; the server keeps something sealed that it cannot open. The recovery code goes on working.",
    add: "Add a passkey",
    none: "This browser has no passkeys; the recovery code works as before.",
    ofDay: "Added",
    used: "Last used {{when}}",
    unused: "Not used yet",
    remove: "Remove",
    signInTitle: "Have a passkey?",
    signInLead: "Sign in with your fingerprint, face or screen lock instead of the recovery code.",
    signIn: "Sign in with a passkey",
  },
  help: {
    lead: "How the doors of {{community}} work, and whom to ask. The desk answers all of this too, free of charge.",
    questions,
    without: "Without a phone",
    more: "This device",
    deviceFact: "What it keeps and how to erase it",
    codeFact: "Brings your entries back on a new phone",
    print: "Print this page",
  },
};
