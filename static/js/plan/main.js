// The plan: what is left out of it, and the sending.
import "./unticking.js";
import "./sending.js";
