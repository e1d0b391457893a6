// Addresses for <img>: they take the session's cookie and lead to the picture.
export type Variant = "thumb" | "medium" | "large" | "original";

const ofImage = (id: string) => `/v1/images/${encodeURIComponent(id)}`;

export const variantUrl = (id: string, variant: Variant) => `${ofImage(id)}:view?variant=${variant}&redirect=true`;

// A picture of any size, made when it is asked for first. Nothing is enlarged.
export const renditionUrl = (id: string, width: number, height?: number, fit: "contain" | "cover" = "contain") =>
  `${ofImage(id)}:view?w=${width}${height ? `&h=${height}` : ""}&fit=${fit}&redirect=true`;

export const downloadUrl = (id: string) => `${ofImage(id)}:download?redirect=true`;
