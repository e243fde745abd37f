// Shows the specification with Swagger UI.
SwaggerUIBundle({
  url: document.getElementById("openapi").dataset.specification,
  dom_id: "#openapi",
  deepLinking: true,
  validatorUrl: null, // which would send the specification elsewhere
});
