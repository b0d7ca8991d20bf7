"""Reading and editing the configuration folder `aml_config/`. Plain Python: no Django here."""
