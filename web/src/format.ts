// Figures and times in words, as the reader's own language has them.
const locale = navigator.language;
const number = new Intl.NumberFormat(locale);
const day = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
const minute = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });
const date = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeZone: "UTC" });
const relative = new Intl.RelativeTimeFormat(locale, { numeric: "auto" });

export const formatNumber = (value: number) => number.format(value);

type Time = number | string; // ms since 1970, or ISO 8601
export const formatDay = (time: Time) => day.format(new Date(time));
export const formatTime = (time: Time) => minute.format(new Date(time));

// Of a day without a time, such as "2026-01-12".
export const formatDate = (text: string) => date.format(new Date(text));

// "3 minutes ago", "in 2 days".
export function formatAgo(time: Time): string {
  const seconds = (new Date(time).getTime() - Date.now()) / 1000;
  const units = [["year", 31_536_000], ["month", 2_592_000], ["day", 86_400], ["hour", 3_600], ["minute", 60]] as const;
  for (const [unit, length] of units) {
    if (Math.abs(seconds) >= length) return relative.format(Math.round(seconds / length), unit);
  }
  return relative.format(Math.round(seconds), "second");
}

// MB is 2^20 bytes, as everywhere in this program.
export function formatBytes(bytes: number): string {
  const names = ["bytes", "KB", "MB", "GB", "TB"];
  let at = 0;
  let value = bytes;
  for (; value >= 1024 && at < names.length - 1; ++at) value /= 1024;
  return `${value.toLocaleString(locale, { maximumFractionDigits: at && value < 100 ? 1 : 0 })} ${names[at]}`;
}

// How many is not known where the server has not told yet.
export const formatTokens = (count: number | undefined) =>
  count === undefined ? "… tokens" : `${number.format(count)} ${count === 1 ? "token" : "tokens"}`;

export const formatCount = (count: number, one: string, many = `${one}s`) =>
  `${number.format(count)} ${count === 1 ? one : many}`;

export const formatPixels = (width: number, height: number) => `${number.format(width)} × ${number.format(height)}`;

// A name of the API for people: "remove-background" is "Remove background".
export const formatName = (name: string) => `${name.charAt(0).toUpperCase()}${name.slice(1)}`.replace(/[-_.]/g, " ");
