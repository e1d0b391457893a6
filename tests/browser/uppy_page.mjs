// The page of a foreign application: Uppy with nothing but our address and the user's credential.
import Uppy from "@uppy/core";
import AwsS3 from "@uppy/aws-s3";

window.upload = async ({ endpoint, token, files }) => {
  const uppy = new Uppy({ autoProceed: false }).use(AwsS3, {
    endpoint,
    headers: { authorization: `Bearer ${token}` },
    shouldUseMultipart: (file) => file.size > 6 << 20,
  });
  for (const { name, type, url } of files) {
    uppy.addFile({ name, type, data: await (await fetch(url)).blob() });
  }
  const { successful, failed } = await uppy.upload();
  return {
    failed: failed.map((file) => `${file.name}: ${file.error}`),
    successful: successful.map((file) => ({ name: file.name, body: file.response?.body, url: file.uploadURL })),
  };
};
