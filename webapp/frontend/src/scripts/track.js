// Takes the code from behind the # of a scanned picture code, puts it into its field and out of the address.
document.addEventListener("DOMContentLoaded", () => {
  const field = document.getElementById("code");
  const code = decodeURIComponent(location.hash.slice(1));
  if (!field || !/^[\d -]{10,60}$/.test(code)) return;
  field.value = code;
  history.replaceState(null, "", location.pathname);
});
