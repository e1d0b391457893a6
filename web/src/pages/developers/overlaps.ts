// For how long an old key or secret holds beside the new one.
export const kOverlaps = [
  { seconds: "0", label: "No longer: it ends at once" }, { seconds: "3600", label: "An hour" },
  { seconds: "86400", label: "A day" },
  { seconds: "604800", label: "A week" },
] as const;
