"""The facility appliance: it decides who may meet when, forwards, records and cuts."""
