// What a program calls itself, in a person's words: "Firefox on Windows", "curl 8.5".

export interface Device {
  name: string;
  kind: "computer" | "phone" | "program";
}

const kBrowsers: [RegExp, string][] = [
  [/Edg(e|A|iOS)?\//, "Edge"], [/OPR\/|Opera/, "Opera"], [/SamsungBrowser\//, "Samsung Internet"],
  [/Vivaldi\//, "Vivaldi"],
  [/Firefox\/|FxiOS\//, "Firefox"], [/Chrome\/|CriOS\/|Chromium\//, "Chrome"], [/Safari\//, "Safari"],
];
const kSystems: [RegExp, string, Device["kind"]][] = [
  [/iPhone/, "iPhone", "phone"], [/iPad/, "iPad", "phone"], [/Android/, "Android", "phone"],
  [/Windows/, "Windows", "computer"],
  [/Macintosh|Mac OS X/, "macOS", "computer"], [/CrOS/, "ChromeOS", "computer"], [/Linux|X11/, "Linux", "computer"],
];

export function deviceOf(userAgent: string | null): Device {
  if (!userAgent) return { name: "A program without a name", kind: "program" };
  const browser = kBrowsers.find(([sign]) => sign.test(userAgent));
  const system = kSystems.find(([sign]) => sign.test(userAgent));
  if (browser && system) return { name: `${browser[1]} on ${system[1]}`, kind: system[2] };
  // The first product of the header, as RFC 9110 has it.
  const [product = userAgent] = userAgent.split(" ");
  return { name: product.replace("/", " "), kind: "program" };
}
